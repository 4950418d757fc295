-- The one write that ends a turn: the entry leaves the inbox, its text and the answer enter the session's
-- history, the reply enters the outbox. Fenced: changes nothing unless the lease is still this holder's.
--
-- Order of writes: history first, because Redis checks its memory limit at a script's first write only; an
-- entry deleted before a refused append would be lost.
--
-- The entry is known by its event too, not by its id alone: a replica that was promoted without having had an entry
-- may give its id to another one, and this turn's answer must not end up there.
--
-- KEYS[1] lease (hash)   KEYS[2] inbox (stream)   KEYS[3] attempts (hash)   KEYS[4] session (hash)
-- KEYS[5] history (stream)   KEYS[6] sessions (sorted set by expiry)   KEYS[7] outbox (stream)
-- KEYS[8] dead (stream)
-- ARGV[1] name  ARGV[2] incarnation  ARGV[3] epoch
-- ARGV[4] inbox entry id  ARGV[5] session key  ARGV[12] event id
-- ARGV[6] role of the answer: assistant or error  ARGV[7] its text
-- ARGV[8] session TTL, seconds  ARGV[9] history length, about
-- ARGV[10] the shard's live channel (empty: nothing is published)
-- ARGV[11] why the event is given up (empty: it is not)
-- ARGV[13] what is known of the answer beside its text, JSON (empty: nothing)
-- ARGV[14…] messages for the outbox, JSON, in order (may be none)
--
-- Answers { 1, id of the user's message, id of the answer, id of the message before both } committed: history ids
--         { 0, "fenced" }
--         { 0, "gone" } not in the inbox any more
-- Writes inbox, attempts, session, history, sessions, outbox, dead. Publishes both messages on the live channel.
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then return {0, 'fenced'} end
local found = redis.call('XRANGE', KEYS[2], ARGV[4], ARGV[4])[1]
if not found then return {0, 'gone'} end

local event = {}
for i = 1, #found[2], 2 do event[found[2][i]] = found[2][i + 1] end
if event.session ~= ARGV[5] or event.event ~= ARGV[12] then return {0, 'gone'} end
local gateway, epoch, sessionKey = ARGV[1], tonumber(ARGV[3]), ARGV[5]
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now = string.format('%.0f', nowMs)

-- History ids are <epoch>-<n>. An epoch below the last one's can only follow a restored backup; ids must
-- still rise, so the higher one goes on.
local previous, n = '', 0
local last = redis.call('XREVRANGE', KEYS[5], '+', '-', 'COUNT', 1)[1]
if last then
  previous = last[1]
  local lastEpoch, lastN = string.match(previous, '^(%d+)%-(%d+)$')
  if tonumber(lastEpoch) >= epoch then epoch, n = tonumber(lastEpoch), tonumber(lastN) end
end
local userId = string.format('%.0f-%.0f', epoch, n + 1)
local answerId = string.format('%.0f-%.0f', epoch, n + 2)

redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[9], userId, 'role', 'user', 'text', event.text,
  'gateway', gateway, 'at', now, 'previous', previous, 'event', event.event)
local answer = { 'role', ARGV[6], 'text', ARGV[7],
  'gateway', gateway, 'at', now, 'previous', userId, 'replyTo', userId, 'event', event.event }
local ending = nil
if ARGV[13] ~= '' then
  ending = ARGV[13]
  answer[#answer + 1] = 'ending'
  answer[#answer + 1] = ending
end
redis.call('XADD', KEYS[5], answerId, unpack(answer))
for i = 14, #ARGV do
  redis.call('XADD', KEYS[7], '*', 'channel', event.channel, 'session', sessionKey, 'message', ARGV[i])
end
if ARGV[11] ~= '' then
  -- Every field as it stands: an operator may put the event back.
  redis.call('XADD', KEYS[8], 'MAXLEN', '~', 100000, '*', 'kind', 'inbox', 'reason', ARGV[11], unpack(found[2]))
end
redis.call('XDEL', KEYS[2], ARGV[4])
redis.call('HDEL', KEYS[3], ARGV[4])

redis.call('HSETNX', KEYS[4], 'createdAt', now)
redis.call('HSET', KEYS[4], 'channel', event.channel, 'lastAt', now, 'gateway', gateway, 'epoch', ARGV[3])
redis.call('HINCRBY', KEYS[4], 'messages', 2)
redis.call('EXPIRE', KEYS[4], ARGV[8])
redis.call('EXPIRE', KEYS[5], ARGV[8])
redis.call('ZADD', KEYS[6], string.format('%.0f', nowMs + tonumber(ARGV[8]) * 1000), sessionKey)
-- Ended sessions leave the set a few at a time, so that no commit pays for all of them.
local ended = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', now, 'LIMIT', 0, 10)
if #ended > 0 then redis.call('ZREM', KEYS[6], unpack(ended)) end

if ARGV[10] ~= '' then
  redis.call('PUBLISH', ARGV[10], cjson.encode({
    session = sessionKey,
    messages = {
      { eventId = userId, previous = previous, role = 'user', text = event.text, event = event.event },
      { eventId = answerId, previous = userId, role = ARGV[6], text = ARGV[7], event = event.event,
        ending = ending },
    },
  }))
end
return {1, userId, answerId, previous}
