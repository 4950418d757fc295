-- Releases one shard's lease if exactly this incarnation holds it. Called by the agent after the gateway's container
-- died; anybody else's lease stays, so that a late or repeated call does no harm.
--
-- KEYS[1]  lease   hash holder, incarnation, epoch, beat, generation; absent = free
-- ARGV[1]  gateway's name
-- ARGV[2]  incarnation that died
--
-- Answers  1 released · 0 not held by it
-- Writes   KEYS[1] (deleted). Never the epoch, never the hand-over.
local lease = redis.call("HMGET", KEYS[1], "holder", "incarnation")
if lease[1] == ARGV[1] and lease[2] == ARGV[2] then
  return redis.call("DEL", KEYS[1])
end
return 0
