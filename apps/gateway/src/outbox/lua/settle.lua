-- Ends an outbox entry: sent, or given up (then it stands in the dead-letter stream). Not fenced: a message
-- that was sent has been sent, whoever holds the lease now; leaving it would have it sent once more.
--
-- KEYS[1] outbox (stream)   KEYS[2] dead (stream)
-- ARGV[1] outbox entry id
-- ARGV[2] why it is given up (empty: it was sent)
--
-- Answers 1 settled, 0 not there any more.
-- Writes outbox, dead.
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then return 0 end
if ARGV[2] ~= '' then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'kind', 'outbox', 'reason', ARGV[2], unpack(found[2]))
end
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
