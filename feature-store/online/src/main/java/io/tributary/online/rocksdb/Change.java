package io.tributary.online.rocksdb;

import java.util.List;

/**
 * How a publication differs from the one that it replaced: its files are those of the other without
 * the ones that it withdraws, and with the ones that it adds.
 *
 * @param from the sequence of the publication that it replaced
 * @param adds names of files
 * @param withdraws names of files
 */
record Change(long from, List<String> adds, List<String> withdraws) {
  Change {
    adds = List.copyOf(adds);
    withdraws = List.copyOf(withdraws);
  }

  static Change between(Manifest former, List<SstFile> files) {
    List<String> before = former.files().stream().map(SstFile::name).toList();
    List<String> now = files.stream().map(SstFile::name).toList();
    return new Change(
        former.sequence(),
        now.stream().filter(name -> !before.contains(name)).toList(),
        before.stream().filter(name -> !now.contains(name)).toList());
  }
}
