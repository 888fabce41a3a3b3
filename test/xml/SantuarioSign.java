import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.transforms.Transforms;
import org.apache.xml.security.transforms.params.InclusiveNamespaces;
import org.apache.xml.security.utils.XMLUtils;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Signs documents with Apache Santuario, for the tests: each element with AssertionID gets an enveloped signature.
 * Arguments: RSA or EC, key file (PKCS#8, PEM), signature algorithm, PrefixList ("-" for none), then files in and out.
 */
public final class SantuarioSign {
  public static void main(String[] args) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
    Init.init();
    String pem = Files.readString(Path.of(args[1])).replaceAll("-----[^-]+-----|\\s", "");
    PrivateKey key = KeyFactory.getInstance(args[0]).generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    for (int i = 4; i < args.length; i += 2) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setNamespaceAware(true);
      Document document = factory.newDocumentBuilder().parse(new FileInputStream(args[i]));
      NodeList all = document.getElementsByTagNameNS("*", "Assertion");
      Element element = (Element) all.item(0);
      element.setIdAttribute("AssertionID", true);
      XMLSignature signature = new XMLSignature(document, "", args[2], "http://www.w3.org/2001/10/xml-exc-c14n#");
      element.appendChild(signature.getElement());
      Transforms transforms = new Transforms(document);
      transforms.addTransform(Transforms.TRANSFORM_ENVELOPED_SIGNATURE);
      if (args[3].equals("-")) {
        transforms.addTransform("http://www.w3.org/2001/10/xml-exc-c14n#");
      } else {
        transforms.addTransform("http://www.w3.org/2001/10/xml-exc-c14n#", new InclusiveNamespaces(document, args[3]).getElement());
      }
      signature.addDocument("#" + element.getAttribute("AssertionID"), transforms, "http://www.w3.org/2001/04/xmlenc#sha256");
      signature.sign(key);
      try (FileOutputStream out = new FileOutputStream(args[i + 1])) {
        XMLUtils.outputDOM(document, out);
      }
    }
  }
}
