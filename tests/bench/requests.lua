-- What wrk sends. Arguments after --: what (post, get, ping), a file with the bearer token, a name of this run,
-- the first phone number (post) or a file with ids (get).
local threads = 0
function setup(thread)
  thread:set("number", threads)     -- a global of that thread
  threads = threads + 1
end

local function read_all(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local count, what, run, first, ids, headers = 0, "", "", 0, {}, {}

function init(args)
  what, run = args[1], args[3]
  headers = {["Authorization"] = "Bearer " .. read_all(args[2]), ["Content-Type"] = "application/json", ["Accept"] = "application/json"}
  if what == "post" then
    first = tonumber(args[4])
  elseif what == "get" then
    for id in read_all(args[4]):gmatch("%S+") do ids[#ids + 1] = id end
  end
end

function request()
  count = count + 1
  if what == "ping" then return wrk.format("GET", "/v1/services/leads/ping", headers) end
  if what == "get" then return wrk.format("GET", "/v1/leads/" .. ids[1 + (count * 7919) % #ids], headers) end
  headers["Idempotency-Key"] = run .. "-" .. number .. "-" .. count
  local body = string.format('{"channel":"phone","name":"王芳","phone":"1%010d"}', first + number * 1000000 + count)
  return wrk.format("POST", "/v1/leads", headers, body)
end

-- Times in microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT requests=%d micros=%d p50=%d p99=%d mean=%d status=%d socket=%d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.mean, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
