-- Ballots of the voters in turn, each time for another candidate. For the last part of the run it asks for the page "/" instead,
-- so that when wrk cuts its connections every ballot has been answered.
-- BENCH_BALLOTS: a file with one path, then lines "voter TOKEN" and "candidate ID". BENCH_SECONDS: how long ballots are sent.
-- BENCH_COUNT=1 counts the 204s themselves. BENCH_START: how many of the cycle were sent by runs before.
local ffi = require("ffi")
ffi.cdef[[ struct bench_time { long s, ns; }; int clock_gettime(int clock, struct bench_time *at); ]]
local at = ffi.new("struct bench_time")
local function now()
   ffi.C.clock_gettime(1, at)
   return tonumber(at.s) + tonumber(at.ns) / 1e9
end

local requests, filler = {}, nil
local seconds, ends = tonumber(os.getenv("BENCH_SECONDS")), nil
local start = tonumber(os.getenv("BENCH_START") or "0")
local thread
sent, answered, active_us = 0, 0, 0

function setup(one) thread = one end

local function prepare(path, voters, candidates)
   for round = 1, #candidates do
      for i, voter in ipairs(voters) do
         local body = '{"candidate_id": "' .. candidates[(i + round) % #candidates + 1] .. '"}'
         local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. voter}
         requests[#requests + 1] = wrk.format("PUT", path, headers, body)
      end
   end
end

function init()
   local path, voters, candidates = nil, {}, {}
   for line in io.lines(os.getenv("BENCH_BALLOTS")) do
      local kind, value = line:match("^(%S+) (%S+)$")
      if kind == "path" then path = value
      elseif kind == "voter" then voters[#voters + 1] = value
      else candidates[#candidates + 1] = value end
   end
   prepare(path, voters, candidates)
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
   return requests[(start + sent - 1) % #requests + 1]
end

if os.getenv("BENCH_COUNT") then
   function response(status)
      if status == 204 then answered = answered + 1 end
   end
end

function done(summary, latency)
   local errors = summary.errors
   local line = '{"sent": %d, "answered": %d, "active_us": %d, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d}\n'
   io.write(line:format(thread:get("sent"), thread:get("answered"), thread:get("active_us"), latency:percentile(50),
                        latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
