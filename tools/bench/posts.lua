-- Requests of a file in turns, for so long; then the page "/", so that when wrk cuts its connections each has been answered.
-- BENCH_POSTS: a file of lines "TOKEN PATH BODY". BENCH_SECONDS: how long they are sent. Answers but 201 are counted apart.
local ffi = require("ffi")
ffi.cdef[[ struct bench_time { long s, ns; }; int clock_gettime(int clock, struct bench_time *at); ]]
local at = ffi.new("struct bench_time")
local function now()
   ffi.C.clock_gettime(1, at)
   return tonumber(at.s) + tonumber(at.ns) / 1e9
end

local requests, filler = {}, nil
local seconds, ends = tonumber(os.getenv("BENCH_SECONDS")), nil
local thread
sent, made, active_us = 0, 0, 0

function setup(one) thread = one end

function init()
   for line in io.lines(os.getenv("BENCH_POSTS")) do
      local token, path, body = line:match("^(%S+) (%S+) (.*)$")
      local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token}
      requests[#requests + 1] = wrk.format("POST", path, headers, body)
   end
   filler = wrk.format("GET", "/")
end

-- wrk itself asks once, to see how many requests a call returns, and doesn't send that one.
local tried, over = false, false
function request()
   if over or not tried then
      tried = true
      return filler
   end
   if sent % 16 == 0 then
      local time = now()
      ends = ends or time + seconds
      over = time >= ends
      if over then
         active_us = math.floor((time - ends + seconds) * 1e6)
         return filler
      end
   end
   sent = sent + 1
   return requests[(sent - 1) % #requests + 1]
end

function response(status)
   if status == 201 then made = made + 1 end
end

function done(summary, latency)
   local errors = summary.errors
   local line = '{"sent": %d, "made": %d, "active_us": %d, "p50_us": %d, "p99_us": %d, "broken": %d}\n'
   io.write(line:format(thread:get("sent"), thread:get("made"), thread:get("active_us"), latency:percentile(50),
                        latency:percentile(99), errors.connect + errors.read + errors.write + errors.timeout))
end
