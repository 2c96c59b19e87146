// What is timed of each peer, and what it says. A peer is imported when it is loaded, so that one that is missing leaves the others.
import querystring from 'node:querystring';
import { ObjectId } from 'bson';

const pairs = (sort) => (sort && Object.keys(sort).length ? Object.entries(sort) : null);
const said = ({ filter, sort, skip, limit, projection }) => ({
  filter, sort: pairs(sort), skip: skip ?? 0, limit: limit ?? 0, projection: projection ?? null,
});

// The types of the class, for the peers that can be told them.
const TYPES = {
  string: ['full_name', 'email', 'status', 'tags', 'address.city'], int: ['age', 'visits'], float: ['rating', 'balance'],
  bool: ['active', 'verified'], date: ['born'], id: ['_id'],
};
const each = (make) => Object.fromEntries(Object.entries(TYPES).flatMap(([type, names]) => names.map((name) => [name, make(type)])));
const whole = (module) => module.default?.default ?? module.default ?? module;

export const TRANSLATORS = {
  'querystring': async () => ({ ask: querystring.parse, say: (given) => ({ filter: given }) }),
  'query-to-mongo': async () => {
    const ask = whole(await import('query-to-mongo'));
    return { ask, say: ({ criteria, options }) => said({ ...options, filter: criteria, projection: options.fields }) };
  },
  'api-query-params': async () => {
    const aqp = whole(await import('api-query-params'));
    const casters = { id: (text) => new ObjectId(text) };
    const castParams = { _id: 'id' };
    // It writes into the options it is given, a little more in each call, so each call has its own.
    return { ask: (text) => aqp(text, { casters, castParams }), say: said };
  },
  'query-params-mongo': async () => {
    const process = whole(await import('query-params-mongo'))({ converters: { id: (text) => new ObjectId(text) } });
    const fields = each((dataType) => ({ dataType }));
    return { ask: (text) => process(querystring.parse(text), fields), say: said };
  },
};

export const DECIDERS = {
  'sift': async () => whole(await import('sift')),
  'mingo': async () => {
    const { Query } = await import('mingo');
    return (filter) => { const query = new Query(filter); return (document) => query.test(document); };
  },
  '@ucast/mongo2js': async () => (await import('@ucast/mongo2js')).guard,
};
