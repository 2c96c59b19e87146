// One command in a line of JSON, one answer in another: { do: 'load' | 'say' | 'time' | 'documents' | 'select' | 'decide', ... }.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { BSON, EJSON } from 'bson';
import { DECIDERS, TRANSLATORS } from './peers.mjs';

const translators = {};
const deciders = {};
const collections = {};
const LOOKS = 1e-6; // process.cpuUsage counts microseconds of all threads, compiler and collector among them

function seconds(work) {
  const before = process.cpuUsage();
  work();
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) * LOOKS;
}

function filterOf(text) {
  return BSON.deserialize(Buffer.from(text, 'base64'));
}

function selected(test, documents) {
  const found = [], raised = [];
  documents.forEach((document, place) => {
    try { if (test(document)) found.push(place); } catch { raised.push(place); }
  });
  return { found, raised };
}

const COMMANDS = {
  async load({ kind, peer }) {
    if (kind === 'translate') translators[peer] = await TRANSLATORS[peer](); else deciders[peer] = await DECIDERS[peer]();
    return { node: process.version };
  },
  say: ({ peer, text }) => translators[peer].say(translators[peer].ask(text)),
  time({ peer, texts, times }) {
    const { ask } = translators[peer];
    const read = () => {
      // A peer that refuses a text has worked on it all the same.
      for (let again = 0; again < times; again += 1) for (const text of texts) try { ask(text); } catch { /* said by the check */ }
    };
    read();
    return { seconds: seconds(read) / texts.length / times };
  },
  documents({ name, file }) {
    const bytes = readFileSync(file);
    collections[name] = [];
    for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
      collections[name].push(BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
    }
    return { count: collections[name].length };
  },
  select: ({ peer, name, filter }) => selected(deciders[peer](filterOf(filter)), collections[name]),
  decide({ peer, name, filter, skip }) {
    const test = deciders[peer](filterOf(filter));
    const left = new Set(skip);
    const documents = collections[name].filter((_, place) => !left.has(place));
    return { seconds: seconds(() => documents.filter((document) => test(document))) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = await COMMANDS[command.do](command);
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(`${EJSON.stringify(answer, { relaxed: true })}\n`);
}
