# WHYCLIP_HTTPLIB: the target of cpp-httplib; empty where it is not installed. Debian's package has its functions in a shared
# library and describes it for pkg-config, others have headers only and describe them for CMake.
set(WHYCLIP_HTTPLIB "")
pkg_check_modules(HTTPLIB QUIET IMPORTED_TARGET cpp-httplib>=0.11)
if(HTTPLIB_FOUND)
  set(WHYCLIP_HTTPLIB PkgConfig::HTTPLIB)
else()
  find_package(httplib 0.11 QUIET)
  if(httplib_FOUND)
    set(WHYCLIP_HTTPLIB httplib::httplib)
  endif()
endif()
