-- Names the preferred gateways, once per operation: step 1 of a switchover and of a forced failover.
--
-- KEYS
--   1  control
-- ARGV
--   1  generation that the plan saw
--   2  preferred (JSON array, the candidate first)
--   3  operation: an id that is used for this one write
-- Answers: {'done', generation} written now or by an earlier try of the same operation
--        | {'superseded', generation} somebody else wrote since the plan: nothing changed
--        | {'missing', 0} there is no control record
-- Writes: control
local stored = redis.call('HMGET', KEYS[1], 'generation', 'operation')
if not stored[1] then return {'missing', 0} end
local generation = tonumber(stored[1])
if stored[2] == ARGV[3] then return {'done', generation} end
if generation ~= tonumber(ARGV[1]) then return {'superseded', generation} end
redis.call('HSET', KEYS[1], 'preferred', ARGV[2], 'operation', ARGV[3], 'generation', generation + 1)
return {'done', generation + 1}
