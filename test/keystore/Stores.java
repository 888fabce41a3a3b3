import java.io.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.util.*;

/**
 * Reads and writes keystores with a provider of Java, as the official connector does. Arguments: the file of the
 * password, then `read PROVIDER FILE` or `write PROVIDER OUT FILE,FILE…`; a line is printed for each `read`: per
 * entry its alias, whether its key opens, and how long its chain is.
 */
public class Stores {
  public static void main(String[] args) throws Exception {
    char[] password = Files.readString(Path.of(args[0])).strip().toCharArray();
    Security.addProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider());
    for (int at = 1; at < args.length; ) {
      String what = args[at], provider = args[at + 1], file = args[at + 2];
      if (what.equals("read")) {
        try {
          System.out.println(describe(load(provider, file, password), password));
        } catch (Exception error) {
          System.out.println("! " + error.getMessage());
        }
        at += 3;
      } else {
        write(provider, file, args[at + 3].split(","), password);
        at += 4;
      }
    }
  }

  static KeyStore load(String provider, String file, char[] password) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12", provider);
    try (InputStream in = file == null ? null : new FileInputStream(file)) {
      store.load(in, password);
    }
    return store;
  }

  static String describe(KeyStore store, char[] password) throws Exception {
    TreeSet<String> entries = new TreeSet<>();
    for (String alias : Collections.list(store.aliases())) {
      boolean opens = store.isKeyEntry(alias) && store.getKey(alias, password) != null;
      java.security.cert.Certificate[] chain = store.getCertificateChain(alias);
      entries.add(alias + " " + opens + " " + (chain == null ? 0 : chain.length));
    }
    return String.join("; ", entries);
  }

  static void write(String provider, String out, String[] sources, char[] password) throws Exception {
    KeyStore target = load(provider, null, password);
    for (String source : sources) {
      KeyStore from = load("SunJSSE", source, password);
      for (String alias : Collections.list(from.aliases())) {
        if (from.isKeyEntry(alias)) {
          target.setKeyEntry(alias, from.getKey(alias, password), password, from.getCertificateChain(alias));
        }
      }
    }
    try (OutputStream file = new FileOutputStream(out)) {
      target.store(file, password);
    }
  }
}
