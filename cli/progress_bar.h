#pragma once

#include "whyclip/core/progress.h"

namespace whyclip::cli {

/// A bar with the time that is left, on standard error, if that is a terminal and the work takes
/// longer than half a second. Ctrl-C makes the work stop.
Progress progress_bar();

/// From now on no bar is shown.
void hide_progress();

/// Takes the bar off the terminal, for a line to be written there.
void clear_progress_line();

/// From now on Ctrl-C asks the running work to stop; a second one ends the program at once.
void watch_interrupt();
bool interrupted();

}  // namespace whyclip::cli
