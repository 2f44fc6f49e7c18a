-- The requests of the script BENCH_LOAD in turns: after BENCH_TURN answers it prints a line and waits for one, its connections open.
-- The end of its input ends the run. BENCH_EXPECT: the status that each answer must have.
local ffi = require("ffi")
ffi.cdef[[ int getpid(void); int kill(int pid, int signal); ]]
dofile(os.getenv("BENCH_LOAD"))

local turn, expected = tonumber(os.getenv("BENCH_TURN")), tonumber(os.getenv("BENCH_EXPECT"))
local thread
answered, refused = 0, 0

function setup(one) thread = one end

local function wait()
   io.write("turn\n")
   io.flush()
   if io.read() then return end
   wrk.thread:stop()
   ffi.C.kill(ffi.C.getpid(), 2) -- wrk's main thread sleeps until the time is over
end

function response(status)
   answered = answered + 1
   if status ~= expected then refused = refused + 1 end
   if answered % turn == 0 then wait() end
end

function done(summary)
   local errors = summary.errors
   local line = '{"answered": %d, "refused": %d, "broken": %d}\n'
   io.write(line:format(thread:get("answered"), thread:get("refused"), errors.connect + errors.read + errors.write + errors.timeout))
end
