// One line with what k6 reports about a trend, in the form that the benchmarks read; milliseconds.
export const statistics = ["avg", "med", "p(95)", "p(99)", "p(99.9)", "max", "count"];

export function result(data, trend) {
  const requests = data.metrics.http_reqs.values.count;
  const values = data.metrics[trend].values;
  const percentiles = [values.med, values["p(95)"], values["p(99)"] || 0, values["p(99.9)"] || 0];
  const numbers = { requests: values.count || requests, mean: values.avg, percentiles, max: values.max };
  return `result=${JSON.stringify(numbers)}\n`;
}
