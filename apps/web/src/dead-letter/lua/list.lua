-- One page of a shard's dead letters, newest first, long values cut: a page must not carry megabytes.
--
-- KEYS
--   1  dead of the shard
-- ARGV
--   1  id of the newest that is wanted, '+' for the newest there is
--   2  how many at most
--   3  bytes of a value at most
-- Answers: {how many there are, {{id, {field, value, …}}, …}}
-- Writes: nothing
local bytesMax = tonumber(ARGV[3])
local page = redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])
for _, entry in ipairs(page) do
  for i, value in ipairs(entry[2]) do entry[2][i] = string.sub(value, 1, bytesMax) end
end
return {redis.call('XLEN', KEYS[1]), page}
