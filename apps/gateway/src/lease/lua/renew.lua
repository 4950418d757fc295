-- Keeps a lease alive: its beat moves, so observers see its holder live.
--
-- KEYS[1] lease (hash)   KEYS[2] handover (hash)
-- ARGV[1] name  ARGV[2] incarnation  ARGV[3] epoch
-- ARGV[4] generation under which the holder holds it now
--
-- Answers 1   renewed
--         0   the lease is not the caller's any more
--         -1  handed over: a newer generation names somebody else and its deadline (Redis time) has passed
-- Writes lease: beat, generation.
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then
  return 0
end
local order = redis.call('HMGET', KEYS[2], 'generation', 'to', 'deadlineMs')
if order[1] and tonumber(order[1]) > tonumber(ARGV[4]) and order[2] ~= ARGV[1] then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 > tonumber(order[3]) then
    return -1
  end
end
redis.call('HINCRBY', KEYS[1], 'beat', 1)
redis.call('HSET', KEYS[1], 'generation', ARGV[4])
return 1
