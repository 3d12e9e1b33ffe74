import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathFuncExpr;
import org.javarosa.xpath.expr.XPathPathExpr;

/** Answers questions about forms by the engine of ODK Collect. One command a line, one answer a line. */
public class Oracle {
    private static FormDef form;

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(new PrintStream(PrintStream.nullOutputStream()));
        new JavaRosaCoreModule().registerModule();
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                out.println("OK\t" + answer(line.split("\t", -1)));
            } catch (Throwable error) {
                out.println("ERROR\t" + String.valueOf(error.getMessage()).replaceAll("\\s+", " "));
            }
        }
    }

    private static String answer(String[] command) throws Exception {
        switch (command[0]) {
            case "FORM":
                form = XFormUtils.getFormFromInputStream(new FileInputStream(command[1]));
                form.initialize(true, new InstanceInitializationFactory());
                return "";
            case "EVAL":
                return evaluated(command[1], command[2]);
            case "SET":
                set(command[1], command[2]);
                return "";
            case "DUMP":
                StringBuilder told = new StringBuilder();
                dump(form.getMainInstance().getRoot(), "/" + form.getMainInstance().getRoot().getName(), told);
                return told.toString();
            default:
                throw new IllegalArgumentException(command[0]);
        }
    }

    private static TreeReference reference(String path) throws Exception {
        return XPathPathExpr.fromRef(((XPathPathExpr) XPathParseTool.parseXPath(path)).getReference()).getReference();
    }

    private static String evaluated(String where, String expression) throws Exception {
        EvaluationContext context = new EvaluationContext(form.getEvaluationContext(), reference(where));
        Object value = XPathParseTool.parseXPath(expression).eval(form.getMainInstance(), context);
        return XPathFuncExpr.toString(XPathFuncExpr.unpack(value)).replace("\n", "\\n").replace("\t", " ");
    }

    private static void set(String path, String text) throws Exception {
        TreeReference place = reference(path);
        TreeElement element = form.getMainInstance().resolveReference(place);
        IAnswerData answer = text.isEmpty() ? null : XFormAnswerDataParser.getAnswerData(text, element.getDataType());
        form.setValue(answer, place, true);
    }

    private static void dump(TreeElement element, String path, StringBuilder told) {
        if (!element.isRelevant()) {
            return;
        }
        if (element.getNumChildren() == 0) {
            IAnswerData value = element.getValue();
            told.append(path).append('=').append(value == null ? "" : value.uncast().getString()).append('\t');
        }
        for (int at = 0; at < element.getNumChildren(); at++) {
            TreeElement child = element.getChildAt(at);
            if (child.getMult() != TreeReference.INDEX_TEMPLATE) {
                dump(child, path + "/" + child.getName() + (child.isRepeatable() ? "[" + (child.getMult() + 1) + "]" : ""), told);
            }
        }
    }
}
