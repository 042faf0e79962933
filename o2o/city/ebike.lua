-- The rider's e-bike for OSRM: its bicycle profile, at an e-bike's speeds and without trains and ferries.
-- The folder of OSRM's own profiles must be on LUA_PATH.

local bicycle = require('bicycle')

local RIDING = 20        -- km/h on an ordinary road; GB 17761 caps an electric bicycle at 25
local FASTEST = 25
local PUSHING = 5        -- km/h where the bike must be pushed

local function faster(speeds)
  for way, speed in pairs(speeds) do
    if speed >= 12 then
      speeds[way] = RIDING
    end
  end
end

local function setup()
  local profile = bicycle.setup()
  profile.default_speed = RIDING
  profile.walking_speed = PUSHING
  profile.vehicle_max_speed = FASTEST
  profile.use_public_transport = false
  profile.railway_speeds = {}
  profile.route_speeds = {}
  profile.turn_penalty = 4
  profile.properties.traffic_signal_penalty = 6
  profile.properties.mode_change_penalty = 10
  profile.properties.u_turn_penalty = 10
  faster(profile.bicycle_speeds)
  faster(profile.surface_speeds)
  for way in pairs(profile.pedestrian_speeds) do
    if way ~= 'steps' then
      profile.pedestrian_speeds[way] = PUSHING
    end
  end
  return profile
end

return {
  setup = setup,
  process_way = bicycle.process_way,
  process_node = bicycle.process_node,
  process_turn = bicycle.process_turn
}
