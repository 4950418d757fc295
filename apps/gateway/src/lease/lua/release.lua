-- Gives a lease back.
--
-- KEYS[1] lease (hash)   KEYS[2] handover (hash)
-- ARGV[1] name  ARGV[2] incarnation  ARGV[3] epoch
-- ARGV[4] the fleet's wake channel
-- ARGV[5] generation under which it was held, where nobody has ordered this move; else empty
-- ARGV[6] how many such moves are remembered
--
-- Answers 1 released, 0 it was not the caller's any more.
-- Writes lease: deleted; handover: field `moves`, `<Redis time, ms>:<generation>` each, the newest last.
-- Publishes `released` on the wake channel.
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then
  return 0
end
redis.call('DEL', KEYS[1])
if ARGV[5] ~= '' then
  local time = redis.call('TIME')
  local moves = {}
  for move in string.gmatch(redis.call('HGET', KEYS[2], 'moves') or '', '[^,]+') do
    moves[#moves + 1] = move
  end
  moves[#moves + 1] = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)) .. ':' .. ARGV[5]
  local first = math.max(1, #moves - tonumber(ARGV[6]) + 1)
  redis.call('HSET', KEYS[2], 'moves', table.concat(moves, ',', first))
end
redis.call('PUBLISH', ARGV[4], 'released')
return 1
