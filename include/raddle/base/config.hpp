// The only header with compiler and platform switches.
#pragma once

#define RADDLE_VERSION_MAJOR 0
#define RADDLE_VERSION_MINOR 1
#define RADDLE_VERSION_PATCH 0

// A thread-local word that is read on hot paths. Initial-exec makes the read one instruction instead of
// a call into the dynamic loader; the price is a few bytes of the loader's static TLS reserve, which is
// why only single words may use it.
#if defined(__linux__) && (defined(__GNUC__) || defined(__clang__))
#define RADDLE_TLS_WORD __attribute__((tls_model("initial-exec")))
#else
#define RADDLE_TLS_WORD
#endif

// How often a thread looks at what it waits for before it goes to sleep. 0: it sleeps at once (model tests).
#ifndef RADDLE_SPIN_ROUNDS
#define RADDLE_SPIN_ROUNDS 8
#endif

// After how many nanoseconds in line a thread gets a lock handed over. 0: at once (model tests).
#ifndef RADDLE_FAIR_AFTER
#define RADDLE_FAIR_AFTER 1'000'000
#endif
