# Header-only and hidden inside the library: whoever links the installed package needs neither.
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)       # matrix products in double
