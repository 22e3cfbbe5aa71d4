// The query of the delayed flights in polars: lazily, so that only two columns are parsed, with types declared.
import pl from "nodejs-polars";

const [file, columns] = process.argv.slice(2);
const schema = Object.fromEntries(columns.split(",").map((name) => [name, name === "ArrDelay" ? pl.Int32 : pl.Utf8]));
const rows = pl
  .scanCSV(file, { hasHeader: true, schema, nullValues: "NA", cache: false, rechunk: false })
  .select("UniqueCarrier", "ArrDelay")
  .filter(pl.col("ArrDelay").gt(0))
  .groupBy("UniqueCarrier")
  .agg(pl.col("ArrDelay").count().alias("delayed"), pl.col("ArrDelay").cast(pl.Int64).sum().alias("total"),
    pl.col("ArrDelay").mean().alias("average"))
  .sort("UniqueCarrier")
  .collectSync()
  .toRecords();
console.log(JSON.stringify({
  result: rows.map((r) => ({ carrier: r.UniqueCarrier, delayed: Number(r.delayed), total: Number(r.total), average: r.average })),
}));
