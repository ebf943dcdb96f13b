import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.core.model.data.DateData;
import org.javarosa.core.model.data.DateTimeData;
import org.javarosa.core.model.data.DecimalData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.IntegerData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.model.utils.DateUtils;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormAnswerDataSerializer;
import org.javarosa.xform.util.XFormUtils;

/**
 * Fills forms in with JavaRosa, the engine of ODK Collect, as a person would who goes from question to question.
 *
 * Lines in, fields separated by tabs: "form PATH" loads an XForm; then "KEY ANSWER ANSWER ..." gives what is
 * said to a question, one answer after the other until one is taken ("" leaves it blank); "walk" fills the form
 * in from the first question to the last. KEY is the question's name, in a repeat with "#" and the row from 1.
 *
 * Lines out: "asked KEY", then for each answer "taken", "required", "constraint" or "type" (no such answer to
 * this kind of question); in the end "value KEY TEXT" for every relevant answer, calculation and note (these
 * without text), "final" with "complete" or the name of what forbids it, and an empty line.
 */
public class Walk {
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    private FormDef form;
    private TreeElement blank;
    private final Map<String, String[]> answers = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        new JavaRosaCoreModule().registerModule();
        new XFormsModule().registerModule();
        Walk walk = new Walk();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split("\t", -1);
            if (fields[0].equals("form")) {
                walk.load(fields[1]);
            } else if (fields[0].equals("walk")) {
                walk.walk();
                walk.answers.clear();
                OUT.println();
                OUT.flush();
            } else {
                walk.answers.put(fields[0], Arrays.copyOfRange(fields, 1, fields.length));
            }
        }
    }

    private void load(String path) throws Exception {
        form = XFormUtils.getFormFromFormXml(path, null);
        form.initialize(true, new InstanceInitializationFactory());
        blank = form.getMainInstance().getRoot().deepCopy(true);
    }

    private void walk() {
        FormInstance instance = form.getMainInstance();
        instance.setRoot(blank.deepCopy(true));
        form.setInstance(instance);
        form.initialize(true, new InstanceInitializationFactory());
        FormEntryController controller = new FormEntryController(new FormEntryModel(form));
        FormEntryModel model = controller.getModel();
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event = controller.stepToNextEvent();
                event != FormEntryController.EVENT_END_OF_FORM;
                event = controller.stepToNextEvent()) {
            if (event == FormEntryController.EVENT_QUESTION) {
                FormEntryPrompt prompt = model.getQuestionPrompt();
                if (!prompt.isReadOnly()) { // else a note
                    ask(controller, prompt, key(model.getFormIndex()));
                }
            }
        }
        report(form.getMainInstance().getRoot(), "");
        ValidateOutcome outcome = form.validate(true);
        OUT.println("final\t" + (outcome == null ? "complete" : key(outcome.failedPrompt)));
    }

    private String key(FormIndex index) {
        TreeReference own = index.getReference();
        for (TreeReference above = own.getParentRef(); above.size() > 1; above = above.getParentRef()) {
            if (form.getMainInstance().resolveReference(above).isRepeatable()) {
                return own.getNameLast() + "#" + (above.getMultLast() + 1);
            }
        }
        return own.getNameLast();
    }

    private void ask(FormEntryController controller, FormEntryPrompt prompt, String key) {
        OUT.println("asked\t" + key);
        for (String said : answers.getOrDefault(key, new String[] {})) {
            String outcome = answer(controller, prompt, said);
            OUT.println(outcome);
            if (outcome.equals("taken")) {
                return;
            }
        }
    }

    private String answer(FormEntryController controller, FormEntryPrompt prompt, String said) {
        IAnswerData data = null;
        if (!said.isEmpty()) {
            try {
                data = read(prompt, said);
            } catch (IllegalArgumentException wrong) {
                return "type";
            }
        }
        switch (controller.answerQuestion(data, true)) {
            case FormEntryController.ANSWER_OK:
                return "taken";
            case FormEntryController.ANSWER_REQUIRED_BUT_EMPTY:
                return "required";
            default:
                return "constraint";
        }
    }

    /** What the widget of a question makes of a text; IllegalArgumentException when it cannot be entered. */
    private static IAnswerData read(FormEntryPrompt prompt, String said) {
        if (prompt.getControlType() == Constants.CONTROL_SELECT_ONE) {
            return new SelectOneData(choice(prompt, said));
        }
        if (prompt.getControlType() == Constants.CONTROL_SELECT_MULTI) {
            List<Selection> chosen = new ArrayList<>();
            for (String code : said.split(" ")) {
                chosen.add(choice(prompt, code));
            }
            return new MultipleItemsData(chosen);
        }
        switch (prompt.getDataType()) {
            case Constants.DATATYPE_INTEGER:
                return new IntegerData(Integer.parseInt(said));
            case Constants.DATATYPE_DECIMAL:
                return new DecimalData(Double.parseDouble(said));
            case Constants.DATATYPE_DATE:
                return new DateData(day(DateUtils.parseDate(said)));
            case Constants.DATATYPE_DATE_TIME:
                return new DateTimeData(day(DateUtils.parseDateTime(said)));
            default:
                return new StringData(said);
        }
    }

    private static Date day(Date read) {
        if (read == null) {
            throw new IllegalArgumentException();
        }
        return read;
    }

    private static Selection choice(FormEntryPrompt prompt, String code) {
        for (SelectChoice choice : prompt.getSelectChoices()) {
            if (choice.getValue().equals(code)) {
                return choice.selection();
            }
        }
        throw new IllegalArgumentException();
    }

    /** Everything that is relevant now. */
    private void report(TreeElement element, String row) {
        if (!element.isRelevant() || element.getMult() < 0) {
            return;
        }
        String own = element.isRepeatable() ? "#" + (element.getMult() + 1) : row;
        for (int at = 0; at < element.getNumChildren(); at++) {
            report(element.getChildAt(at), own);
        }
        if (element.isLeaf() && element.getNumChildren() == 0) {
            String text = "";
            if (element.getValue() != null) {
                text = String.valueOf(new XFormAnswerDataSerializer().serializeAnswerData(element.getValue()));
            }
            OUT.println("value\t" + element.getName() + row + "\t" + text.replace("\n", " "));
        }
    }
}
