// The official TypeScript clients: `typescript.mjs v1|v2 MODE ...`; the packages are found below NODE_TOOLS.
import { createRequire } from "node:module";
import { once } from "node:events";
import { pathToFileURL } from "node:url";

const [generation, mode, url, token, granted, hidden, slow] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${process.env.NODE_TOOLS}/package.json`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const say = (what) => console.log(JSON.stringify(what));

const v1 = generation === "v1";
const { Client } = await load(v1 ? "@modelcontextprotocol/sdk/client/index.js" : "@modelcontextprotocol/client");
const { StreamableHTTPClientTransport } = await load(
  v1 ? "@modelcontextprotocol/sdk/client/streamableHttp.js" : "@modelcontextprotocol/client",
);

const options = v1 || mode === "legacy" ? {} : { versionNegotiation: { mode: "auto" } };
const client = new Client({ name: "foreign", version: "1" }, options);
await client.connect(
  new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }),
);
say({ protocol: client.getNegotiatedProtocolVersion?.() ?? client.transport.protocolVersion });
const call = (name, args, more) =>
  v1 ? client.callTool({ name, arguments: args }, undefined, more) : client.callTool({ name, arguments: args }, more);

say({ listed: (await client.listTools()).tools.map((tool) => tool.name) });
const result = await call(granted, { text: "hello" });
say({ called: result.content[0].text, error: Boolean(result.isError) });
try {
  await call(hidden, {});
  say({ refused: null });
} catch (refusal) {
  say({ refused: refusal.message, code: refusal.code });
}
const stop = new AbortController();
const running = call(slow, {}, { signal: stop.signal }).then(
  () => say({ cancelled: false }),
  () => say({ cancelled: true }),
);
await once(process.stdin, "data");
stop.abort();
await running;
process.stdin.destroy();
await client.close();
