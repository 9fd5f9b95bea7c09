#pragma once

#include "gen/configs/presets.hpp"
