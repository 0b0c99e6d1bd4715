# Everything here is a Debian 12 package; newer versions are expected to work.
find_package(dnnl REQUIRED)                       # matrix products
find_package(OpenMP REQUIRED COMPONENTS CXX)      # sets the number of threads of oneDNN (one)
find_package(Threads REQUIRED)
find_package(hwy REQUIRED)                        # SIMD row kernels with run-time dispatch
find_package(fmt REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)          # UTF-8, properties of characters
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Freetype REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # checksums of downloads
find_package(yaml-cpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux libwebpmux)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
