# A Debian package of the command and the library (make package). What it needs is found by dpkg-shlibdeps.
install(FILES ${PROJECT_SOURCE_DIR}/examples/pictures/cat_and_dog.jpg ${PROJECT_SOURCE_DIR}/examples/pictures/cat.png
        DESTINATION ${CMAKE_INSTALL_DATADIR}/whyclip/examples)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/whyclip RENAME copyright)
install(FILES ${PROJECT_SOURCE_DIR}/models/clip_vocabulary/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/whyclip
        RENAME clip_vocabulary.md)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME whyclip)
set(CPACK_PACKAGE_CONTACT "The whyclip developers <whyclip@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, libcurl4 | libcurl4t64")  # downloads of models
include(CPack)
