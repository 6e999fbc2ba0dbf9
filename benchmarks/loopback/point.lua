-- The point query for wrk: SELECT ?p ?o { <entity> ?p ?o }, every answer checked.
-- Arguments: path, first part of the entities' IRIs (percent-encoded), how many entities, which
-- run this is, "cold" or "hot", how many values an answer has.
local find, format = string.find, string.format
local target, entities, pass, cold, values
local headers = { Accept = "application/sparql-results+json" }
local number, step = 0, 7919 -- coprime to the number of entities: all come before any comes again
local threads = {}
wrong = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  target = args[1] .. "?query=SELECT+%%3Fp%d+%%3Fo%d+%%7B+%%3C" ..
    args[2]:gsub("%%", "%%%%") .. "%05d%%3E+%%3Fp%d+%%3Fo%d+%%7D"
  entities, pass, values = tonumber(args[3]), tonumber(args[4]) * 1000, tonumber(args[6])
  cold = args[5] == "cold"
  if not cold then pass = 0 end
end

function request()
  local entity = number % entities
  number = number + step
  -- Once all entities were asked, the variables get other names: no text comes twice.
  if cold and number >= entities * step then number, pass = 0, pass + 1 end
  return wrk.format("GET", format(target, pass, pass, entity, pass, pass), headers)
end

function response(status, head, body)
  local found, at = -1, 0
  repeat
    found, at = found + 1, find(body, '"type"', at + 1, true)
  until not at
  if status == 200 and found ~= values then wrong = wrong + 1 end
end

function done(summary, latency)
  local bad, errors = 0, summary.errors
  for _, thread in ipairs(threads) do bad = bad + thread:get("wrong") end
  io.write(format(
    'RESULT {"answered": %d, "seconds": %f, "p50": %f, "p99": %f, "wrong": %d, "status": %d, ' ..
    '"connect": %d, "closed": %d, "late": %d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, bad, errors.status,
    errors.connect, errors.read + errors.write, errors.timeout))
end
