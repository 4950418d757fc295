-- Changes a fleet's control record, once per reference: step 1 of a switchover and of a forced failover, and every
-- other order to the gateways (mode, actives, canary, pause, acknowledgement).
--
-- KEYS
--   1  control
-- ARGV
--   1  generation that the order was made from
--   2  reference: an id that is used for this one write
--   3  epoch of the controller that orders it
--   4  field   5  value   … as many pairs as there are
-- Answers: {'done', generation} written now or by an earlier try with the same reference
--        | {'superseded', generation} somebody else wrote since: nothing changed
--        | {'stale', epoch} a later controller has written: nothing changed
--        | {'missing', 0} there is no control record
-- Writes: control
local stored = redis.call('HMGET', KEYS[1], 'generation', 'operation', 'controller')
if not stored[1] then return {'missing', 0} end
local controller = tonumber(stored[3] or '0')
if controller > tonumber(ARGV[3]) then return {'stale', controller} end
local generation = tonumber(stored[1])
if stored[2] == ARGV[2] then return {'done', generation} end
if generation ~= tonumber(ARGV[1]) then return {'superseded', generation} end
local fields = {'operation', ARGV[2], 'controller', ARGV[3], 'generation', generation + 1}
for index = 4, #ARGV do fields[#fields + 1] = ARGV[index] end
redis.call('HSET', KEYS[1], unpack(fields))
return {'done', generation + 1}
