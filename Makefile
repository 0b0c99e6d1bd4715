# The two commands: make demo, make test. Both install what is missing (Debian and its derivatives; root or sudo).
BUILD := build/release
TESTS := build/developer
OUT   := build/demo
JOBS  ?= $(shell nproc)

.PHONY: all build demo article test bench rules-table leaderboard install package deps developer-deps format check-format lint check-includes sanitize sanitize-cli clean

all: build

# deps: what building needs; developer-deps: what tests, benchmarks and checks need too.
deps:
	@tools/install_dependencies.sh

developer-deps:
	@tools/install_dependencies.sh developer

$(BUILD)/build.ninja: | deps
	cmake --preset release

$(TESTS)/build.ninja: | developer-deps
	cmake --preset developer

build: deps $(BUILD)/build.ninja
	cmake --build $(BUILD) --parallel $(JOBS) --target whyclip_cli

demo: build
	$(BUILD)/whyclip classify examples/pictures/cat_and_dog.jpg
	$(BUILD)/whyclip explain examples/pictures/cat_and_dog.jpg --class cat --versus dog --whole-image --quiet --out $(OUT)
	@echo
	@echo "heatmap: $(CURDIR)/$$(ls $(OUT)/*.overlay.png)"
	@echo "report:  $(CURDIR)/$$(ls $(OUT)/*.html)   (open it in a browser)"
	@echo "live:    $(BUILD)/whyclip serve --open"

# The article that whyclip began with, retold: make article ARTICLE='-m clip -c cat,dog -p "a cat." cat.jpg'
ARTICLE ?= examples/pictures/cat.png
article: developer-deps $(TESTS)/build.ninja
	cmake --build $(TESTS) --parallel $(JOBS) --target example_article
	$(TESTS)/examples/article/example_article --out build/article $(ARTICLE)

test: developer-deps $(TESTS)/build.ninja
	cmake --build $(TESTS) --parallel $(JOBS)
	OMP_WAIT_POLICY=passive ctest --test-dir $(TESTS) --output-on-failure --parallel $(JOBS)

bench: developer-deps $(TESTS)/build.ninja
	cmake --build $(TESTS) --parallel $(JOBS) --target whyclip_bench
	$(TESTS)/bench/whyclip_bench --benchmark_counters_tabular=true

# The tables of docs/rules.md: rule sets, then the published tracing rule by rule. Half an hour.
# make rules-table TABLE='--images 8 --rules contributions,query-key'
TABLE ?=
rules-table: developer-deps $(TESTS)/build.ninja
	cmake --build $(TESTS) --parallel $(JOBS) --target whyclip_rules_table
	$(TESTS)/bench/whyclip_rules_table --random $(TABLE)
	@echo
	$(TESTS)/bench/whyclip_rules_table --tracing

# docs/leaderboard.md: every method by every metric on 300 drawings. Half an hour and a little on two processors; interrupted, the
# same command goes on.
leaderboard: build
	$(BUILD)/whyclip evaluate datasets/toons --images 300 --out build/leaderboard
	python3 tools/leaderboard/write_document.py build/leaderboard/leaderboard.json docs/leaderboard.md

# make install PREFIX=/opt/whyclip
PREFIX ?= /usr/local
install: build
	cmake --install $(BUILD) --prefix $(PREFIX)

# A Debian package in build/: sudo apt install ./build/whyclip_*.deb
package: developer-deps build
	cd build && cpack --config release/CPackConfig.cmake

SOURCES = $(shell git ls-files '*.h' '*.cpp')

format:
	clang-format -i $(SOURCES)

check-format: developer-deps
	@clang-format --dry-run --Werror $(SOURCES) && echo "format: as .clang-format has it"

# make lint WHICH=changed looks only at files that differ from the merge base with main.
WHICH ?= all
lint: developer-deps
	tools/lint.sh build/lint "$(WHICH)"

check-includes: developer-deps
	python3 tools/check_includes.py

# The library under AddressSanitizer with leaks and undefined behaviour, and what computes on several threads under ThreadSanitizer, which
# sees neither OpenMP's regions nor child processes.
SANITIZED = $(notdir $(wildcard tests/unit/*))
sanitize: developer-deps
	cmake --preset asan
	cmake --build build/asan --parallel $(JOBS) --target $(patsubst %,%_test,$(filter-out CMakeLists.txt,$(SANITIZED))) golden_test examples_test example_explain example_custom_rule
	tools/run_tests.sh build/asan '*_test' '*FullSize*:*ToonsTracing*:*TrainedTracing*'
	ctest --test-dir build/asan --output-on-failure --tests-regex '^Example'
	cmake --preset tsan
	cmake --build build/tsan --parallel $(JOBS) --target core_test ops_test clip_test golden_test
	TSAN_OPTIONS=halt_on_error=1 tools/run_tests.sh build/tsan '*_test' '*FullSize*:*ToonsTracing*:*OpenMp*:*ChildProcess*:*WithoutMemory*'

# The command too: as long again, because every one of its tests starts it.
sanitize-cli: developer-deps
	cmake --preset asan
	cmake --build build/asan --parallel $(JOBS) --target cli_test
	tools/run_tests.sh build/asan cli_test ''

clean:
	rm -rf build
