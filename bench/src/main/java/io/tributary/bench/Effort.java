package io.tributary.bench;

/**
 * How much is tried.
 *
 * @param rowsADay of what is made up
 * @param folds that training's nights are dealt to
 * @param draws of whole nights, of each size
 * @param windows exchangeable ones for each input
 * @param step from a consecutive window to the next, in nights
 * @param each of so many nights is broken
 */
enum Effort {
  /** For figures. */
  WHOLE(420, 10, 10_000, 20, 7, 1),
  /** To see that all works. */
  SMALL(100, 2, 200, 3, 28, 13);

  final int rowsADay;
  final int folds;
  final int draws;
  final int windows;
  final int step;
  final int each;

  Effort(int rowsADay, int folds, int draws, int windows, int step, int each) {
    this.rowsADay = rowsADay;
    this.folds = folds;
    this.draws = draws;
    this.windows = windows;
    this.step = step;
    this.each = each;
  }
}
