-- One line with what wrk reports, in the form that the benchmarks read; milliseconds.
done = function(summary, latency, requests)
  io.write(string.format('result={"requests":%d,"mean":%f,"percentiles":[%f,%f,%f,%f],"max":%f}\n',
    summary.requests, latency.mean / 1000, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    latency:percentile(99) / 1000, latency:percentile(99.9) / 1000, latency.max / 1000))
end
