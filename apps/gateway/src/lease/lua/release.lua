-- Gives a lease back.
--
-- KEYS[1] lease (hash)
-- ARGV[1] name  ARGV[2] incarnation  ARGV[3] epoch
-- ARGV[4] the fleet's wake channel
--
-- Answers 1 released, 0 it was not the caller's any more.
-- Writes lease: deleted. Publishes `released` on the wake channel.
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[4], 'released')
return 1
