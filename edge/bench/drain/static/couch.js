// CouchDB's replication, as PouchDB and express-pouchdb do it; both ends in memory.
//   node couch.js serve ADDRESS PORT        says "ready"
//   node couch.js push URL FILE LIMIT_MS    one JSON document a line; says "ready", waits for a
//                                           line, replicates, says how many went in how many ms
const fs = require("fs");
const readline = require("readline");
const PouchDB = require("pouchdb");
PouchDB.plugin(require("pouchdb-adapter-memory"));
const Memory = PouchDB.defaults({ adapter: "memory" });

function serve(address, port) {
  const app = require("express")();
  const mode = { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: "/dev/null" };
  app.use("/", require("express-pouchdb")(Memory, mode));
  app.listen(Number(port), address, () => console.log("ready"));
}

async function push(url, file, limit) {
  const lines = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  const local = new Memory("local");
  for (let at = 0; at < lines.length; at += 1000) {
    await local.bulkDocs(lines.slice(at, at + 1000).map((line) => JSON.parse(line)));
  }
  console.log("ready");
  await new Promise((go) => readline.createInterface({ input: process.stdin }).once("line", go));
  const began = Date.now();
  let written = 0;
  let last = 0;
  const done = () => {
    console.log(JSON.stringify({ records: written, ms: last }));
    process.exit(0);
  };
  const replication = local.replicate.to(new PouchDB(url));
  replication.on("change", (info) => {
    written = info.docs_written;
    last = Date.now() - began;
  });
  replication.on("complete", (info) => {
    written = info.docs_written;
    last = Date.now() - began;
    done();
  });
  replication.on("error", (error) => {
    console.error(String(error));
    process.exit(1);
  });
  setTimeout(done, Number(limit));
}

const [role, ...rest] = process.argv.slice(2);
({ serve, push })[role](...rest);
