-- Reports a gateway alive.
--
-- KEYS[1] members (hash)
-- ARGV[1] field of this gateway, `<name>/<incarnation>`
-- ARGV[2] its record as a JSON object, without `since` and `at`
-- ARGV[3] `since`: Redis time of its first heartbeat, ms; empty at the first
-- ARGV[4…] pairs: field of a dead member, its text as last read
--
-- Answers { Redis time in ms, run id of this Redis }.
-- Writes members: sets the own field; deletes the fields of the pairs, each only while its text still stands
-- (one that has moved is alive after all).
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local since = ARGV[3] == '' and now or ARGV[3]
-- Appended as text: cjson would write large numbers as floats.
local record = string.sub(ARGV[2], 1, -2) .. ',"since":' .. since .. ',"at":' .. now .. '}'
redis.call('HSET', KEYS[1], ARGV[1], record)
for i = 4, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
local server = redis.call('INFO', 'server')
return { now, string.match(server, 'run_id:(%x+)') or '' }
