// Everything public in one include.
#pragma once

#include "fermata/compression.hpp"
#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "fermata/fuel.hpp"
#include "fermata/little_endian.hpp"
#include "fermata/module.hpp"
#include "fermata/object.hpp"
#include "fermata/process.hpp"
#include "fermata/snapshot.hpp"
#include "fermata/store.hpp"
#include "fermata/text.hpp"
#include "fermata/types.hpp"
#include "fermata/value.hpp"
#include "fermata/wasi.hpp"
#include "fermata/wasi_files.hpp"
#include "fermata/wasi_types.hpp"
