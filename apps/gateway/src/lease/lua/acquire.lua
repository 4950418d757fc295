-- Takes a shard's lease: when there is none, or when it still stands exactly as the caller saw it stand still.
--
-- KEYS[1] lease (hash)   KEYS[2] epoch (integer)   KEYS[3] handover (hash)
-- ARGV[1] name  ARGV[2] incarnation
-- ARGV[3] highest epoch of this shard that the caller has ever seen
-- ARGV[4] newest generation that the caller knows
-- ARGV[5…8] lease as observed: holder, incarnation, epoch, beat; all empty when it saw none
--
-- Answers { 1, epoch }     granted
--         { 0, 0 }         the lease has changed since: look again
--         { -1, generation } a hand-over of that newer generation stands: look again before taking
-- Writes lease (all fields), epoch: max(stored, highest seen) + 1, so it never falls, also after Redis was wiped.
local ordered = tonumber(redis.call('HGET', KEYS[3], 'generation') or 0)
if ordered > tonumber(ARGV[4]) then
  return { -1, ordered }
end
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch', 'beat')
if lease[1] then
  for i = 1, 4 do
    if lease[i] ~= ARGV[4 + i] then
      return { 0, 0 }
    end
  end
end
local epoch = math.max(
  tonumber(redis.call('GET', KEYS[2]) or 0),
  tonumber(lease[3] or 0),
  tonumber(ARGV[3])
) + 1
redis.call('SET', KEYS[2], epoch)
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'incarnation', ARGV[2], 'epoch', epoch, 'beat', 1,
  'generation', ARGV[4])
return { 1, epoch }
