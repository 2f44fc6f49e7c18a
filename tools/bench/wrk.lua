-- What every run prints at its end: one line of JSON, which the driver reads. BENCH_TOKEN: the bearer token of each request.
-- BENCH_TAG: the entity tag that each request says it has.
local token, tag = os.getenv("BENCH_TOKEN"), os.getenv("BENCH_TAG")
if token then wrk.headers["Authorization"] = "Bearer " .. token end
if tag then wrk.headers["If-None-Match"] = tag end

function done(summary, latency)
   local errors = summary.errors
   local line = '{"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d}\n'
   io.write(line:format(summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
                        errors.connect + errors.read + errors.write + errors.timeout))
end
