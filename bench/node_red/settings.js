// Node-RED as it comes, without editor and palette, with one pool of ten connections for the function node.
const { Pool } = require("pg");

module.exports = {
    flowFile: "flows.json",
    credentialSecret: false,
    httpAdminRoot: false,
    httpNodeRoot: false,
    uiHost: "127.0.0.1",
    uiPort: 0,
    logging: { console: { level: "info", metrics: false, audit: false } },
    functionGlobalContext: {
        pool: new Pool({
            host: process.env.BENCH_DB_HOST,
            port: Number(process.env.BENCH_DB_PORT),
            user: process.env.BENCH_DB_USER,
            password: process.env.BENCH_DB_PASSWORD,
            database: process.env.BENCH_DB_NAME,
            max: 10,
        }),
    },
};
