// Calls of the official client. Arguments: the folder it is installed in, the server's URL. Each line of standard input is
// {"call": JavaScript, "token": text, "renew": text or null}; the answer is one line, {"value"} or {"error"}, with how often the
// client told that the session had expired. With `renew` it is given that token then, once, and asks again.
"use strict";
const readline = require("node:readline");

const [folder, url] = process.argv.slice(2);
const ConnectyCube = require(require.resolve("connectycube", { paths: [folder] })).default;

let expired, renew;
const on = {
  sessionExpired: (refuse, retry) => {
    expired += 1;
    if (renew && expired === 1) retry({ token: renew });
    else refuse();
  },
};
ConnectyCube.init({ appId: 1, token: "-" }, { endpoints: { api_url: url }, on, debug: { mode: 0 }, timeout: 60_000 });

const { data, service, utils } = ConnectyCube;
const fileOf = (id) => utils.getUrl("data", "item", `${id}/file`);
const run = (call) => new Function("data", "service", "fileOf", `return ${call};`)(data, service, fileOf);

async function answer(asked) {
  expired = 0;
  renew = asked.renew;
  ConnectyCube.setSession({ token: asked.token });
  try {
    return { value: await run(asked.call), expired };
  } catch (error) {
    return { error: error instanceof Error ? String(error) : error, expired };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
  }
})();
