// The same journey as monday.py: one request, one check, the answer parsed as JSON.
import http from "k6/http";
import { check } from "k6";
import { result } from "./k6_result.js";

export const options = { vus: Number(__ENV.USERS), duration: `${__ENV.SECONDS}s` };

export default function () {
  const orders = http.get(`${__ENV.BASE_URL}/api/orders`);
  check(orders, { "status is 200": (r) => r.status === 200 });
  check(orders.json(), { "three orders": (found) => found.length === 3 });
}

export function handleSummary(data) {
  return { stdout: result(data, "http_req_duration") };
}
