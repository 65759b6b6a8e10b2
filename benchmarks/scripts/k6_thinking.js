// The same journey as k6.js by users who think half a second to one and a half; what they do once all are there is
// tagged, and only that is reported.
import exec from "k6/execution";
import http from "k6/http";
import { check, sleep } from "k6";
import { result, statistics } from "./k6_result.js";

const users = Number(__ENV.USERS);
const all = { tags: { all: "yes" } };
const some = { tags: { all: "no" } };

export const options = {
  summaryTrendStats: statistics,
  thresholds: { "http_req_duration{all:yes}": ["max>=0"] },
  scenarios: {
    users: {
      executor: "ramping-vus",
      startVUs: 0,
      stages: [
        { duration: `${__ENV.RAMP_SECONDS}s`, target: users },
        { duration: `${__ENV.SECONDS}s`, target: users },
      ],
      gracefulStop: "2s",
      gracefulRampDown: "2s",
    },
  },
};

let steady = 0;

export default function () {
  steady = steady || exec.scenario.startTime + Number(__ENV.STEADY_AFTER_SECONDS) * 1000;
  const orders = http.get(`${__ENV.BASE_URL}/api/orders`, Date.now() < steady ? some : all);
  check(orders, { "status is 200": (r) => r.status === 200 });
  check(orders.json(), { "three orders": (found) => found.length === 3 });
  sleep(0.5 + Math.random());
}

export function handleSummary(data) {
  return { stdout: result(data, "http_req_duration{all:yes}") };
}
