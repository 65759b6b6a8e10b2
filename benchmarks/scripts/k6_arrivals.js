// Arrivals at a constant rate, with users in plenty; what is reported is k6's own measure, from the send.
import exec from "k6/execution";
import http from "k6/http";
import { result, statistics } from "./k6_result.js";

const rate = Number(__ENV.RATE);

export const options = {
  summaryTrendStats: statistics,
  scenarios: {
    arrivals: {
      executor: "constant-arrival-rate",
      rate,
      timeUnit: "1s",
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: Math.ceil(rate * 5),
    },
  },
};

export default function () {
  const url = `${__ENV.BASE_URL}/work?i=${exec.scenario.iterationInTest}`;
  http.get(url, { tags: { name: "/work" } });
}

export function handleSummary(data) {
  return { stdout: result(data, "http_req_duration") };
}
