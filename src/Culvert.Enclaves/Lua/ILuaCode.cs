namespace Culvert.Enclaves;

/// <summary>Code that is a script, so that its text can be sent along with a plan that names it.</summary>
internal interface ILuaCode
{
    /// <summary>The script.</summary>
    LuaScriptText Text { get; }
}
