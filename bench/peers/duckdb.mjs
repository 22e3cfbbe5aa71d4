// The query of the delayed flights in DuckDB: every column's type declared, so that nothing is sniffed.
import { DuckDBInstance } from "@duckdb/node-api";

const [file, columns, threads] = process.argv.slice(2);
const types = columns.split(",").map((name) => `'${name}': '${name === "ArrDelay" ? "INTEGER" : "VARCHAR"}'`).join(", ");
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(`
  SELECT UniqueCarrier AS carrier, count(*) AS delayed, sum(ArrDelay) AS total, avg(ArrDelay) AS average
  FROM read_csv('${file.replaceAll("'", "''")}', header = true, auto_detect = false, delim = ',', quote = '', escape = '',
    new_line = '\\n', nullstr = 'NA', columns = {${types}})
  WHERE ArrDelay > 0 GROUP BY UniqueCarrier ORDER BY UniqueCarrier`);
console.log(JSON.stringify({
  result: reader.getRowObjectsJS().map((r) => ({
    carrier: r.carrier, delayed: Number(r.delayed), total: Number(r.total), average: r.average,
  })),
}));
