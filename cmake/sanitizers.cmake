# RADDLE_SANITIZE instruments everything that links raddle_core, tests and GoogleTest included.
add_library(raddle_sanitizers INTERFACE)
if(RADDLE_SANITIZE)
  target_compile_options(raddle_sanitizers INTERFACE
    -fsanitize=${RADDLE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1)
  target_link_options(raddle_sanitizers INTERFACE -fsanitize=${RADDLE_SANITIZE})
endif()
