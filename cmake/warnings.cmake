# Our own code is compiled with these; warnings are errors only for whoever develops raddle (the presets).
option(RADDLE_WERROR "Treat warnings as errors" OFF)

add_library(raddle_warnings INTERFACE)
target_compile_options(raddle_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<BOOL:${RADDLE_WERROR}>:-Werror>)
