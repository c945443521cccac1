"""What is done in one step to a session in Redis, in Lua."""

from __future__ import annotations

BEGIN = """
-- KEYS: the session's queries by time, its turns, the client's ids of its queries, all sessions by
-- last use, the stream of the answer. ARGV: the query, the lifetime in seconds, the most queries,
-- the most sessions, the client's id, the server, the seconds that the stream is kept, the most
-- turns. Without a server there is no stream, and no id is claimed. Gives the query that has the
-- id, whether the session is new, and its turns.
local function forget(query)
    local client = redis.call('HGET', KEYS[3], 'query ' .. query)
    if client then redis.call('HDEL', KEYS[3], 'query ' .. query, 'client ' .. client) end
end
local query, client, server = ARGV[1], ARGV[5], ARGV[6]
if server ~= '' and client ~= '' then
    local known = redis.call('HGET', KEYS[3], 'client ' .. client)
    if known and known ~= query then return {known, 0, {}} end
    redis.call('HSET', KEYS[3], 'client ' .. client, query, 'query ' .. query, client)
end
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local is_new = 1 - redis.call('EXISTS', KEYS[1])
redis.call('ZADD', KEYS[1], now, query)
for _, old in ipairs(redis.call('ZRANGE', KEYS[1], 0, -2 - ARGV[3])) do
    redis.call('ZREM', KEYS[1], old)
    forget(old)
end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[4], now, KEYS[1])
redis.call('EXPIRE', KEYS[4], ARGV[2])
while redis.call('ZCARD', KEYS[4]) > tonumber(ARGV[4]) + 1 do
    local oldest = redis.call('ZPOPMIN', KEYS[4])[1]
    redis.call('DEL', oldest, oldest .. ':turns', oldest .. ':names')
end
if server ~= '' then
    redis.call('DEL', KEYS[5])
    redis.call('XADD', KEYS[5], '*', 'server', server, 'client', client)
    redis.call('EXPIRE', KEYS[5], ARGV[7])
end
return {query, is_new, redis.call('LRANGE', KEYS[2], -ARGV[8], -1)}
"""

RELEASE = """
-- Takes the query ARGV[1] back with its answer, and the session if it began with it.
local client = redis.call('HGET', KEYS[3], 'query ' .. ARGV[1])
if client then redis.call('HDEL', KEYS[3], 'query ' .. ARGV[1], 'client ' .. client) end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[5])
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('DEL', KEYS[2], KEYS[3])
    redis.call('ZREM', KEYS[4], KEYS[1])
end
"""

FIND = """
-- The query of the session that has the id ARGV[1], or the client's id ARGV[2]; the session counts
-- as used, for ARGV[3] seconds.
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
if ARGV[1] ~= '' then
    return redis.call('ZSCORE', KEYS[1], ARGV[1]) and ARGV[1]
end
return redis.call('HGET', KEYS[3], 'client ' .. ARGV[2])
"""

ADD = """
-- Adds the turn ARGV[1] to a session that has not ended; each begins with its characters.
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('RPUSH', KEYS[2], ARGV[1])
local turns, characters = redis.call('LRANGE', KEYS[2], 0, -1), 0
local function size(turn) return string.match(turn, '^%d+') or 0 end -- 0 if it is none of ours
for _, turn in ipairs(turns) do characters = characters + size(turn) end
local first = 1
while #turns - first >= tonumber(ARGV[3]) or characters > tonumber(ARGV[4]) do
    characters = characters - size(turns[first])
    first = first + 1
    redis.call('LPOP', KEYS[2])
end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
"""
