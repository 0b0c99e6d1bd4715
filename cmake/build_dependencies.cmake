# Header-only and internal: users of the installed package do not need them.
find_package(nlohmann_json REQUIRED)
find_package(CURL 7.85 REQUIRED)                  # downloads of models; loaded on first use
find_package(Eigen3 3.4 REQUIRED NO_MODULE)       # matrix products and solvers in double
