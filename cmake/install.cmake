# What `find_package(raddle)` finds.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/raddle)
install(TARGETS raddle_core EXPORT raddle_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/raddle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT raddle_targets NAMESPACE raddle:: DESTINATION ${package_dir})

configure_package_config_file(cmake/raddle-config.cmake.in
  ${PROJECT_BINARY_DIR}/raddle-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/raddle-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/raddle-config.cmake ${PROJECT_BINARY_DIR}/raddle-config-version.cmake
  DESTINATION ${package_dir})
